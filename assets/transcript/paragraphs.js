// Returns the segments of each paragraph.
export function paragraphsOf(segments) {
  const found = [];
  for (const segment of segments)
    if (segment.paragraph || !found.length) found.push([segment]);
    else found.at(-1).push(segment);
  return found;
}

export const sameItems = (some, others) =>
  some.length === others.length && some.every((item, at) => item === others[at]);
