// Events by which the page's parts learn of each other; docs/architecture.md lists them.
export function createEvents() {
  const target = new EventTarget();
  return {
    on: (name, act) => target.addEventListener(name, ({ detail }) => act(detail)),
    emit: (name, detail) => target.dispatchEvent(Object.assign(new Event(name), { detail })),
  };
}
