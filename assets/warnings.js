// What the engine warns of, in the reader's language: each warning is a sentence in English, and a notice with a code
// and values that the page's own texts name. Transcripts of earlier versions have sentences alone.
const SHOW = {
  seconds: wordlight.clock,
  span: ([start, end]) => wordlight.stretch(start, end),
  language: wordlight.languageName,
};

function warned(sentence, notice) {
  const key = `warning_${notice?.code}`;
  const shown = Object.entries(notice?.values ?? {}).map(([name, value]) => {
    const show = SHOW[constants.notice_values[name]] ?? String;
    return [name, show(value)];
  });
  const text = say(key, Object.fromEntries(shown));
  return text === key ? sentence : text;
}
