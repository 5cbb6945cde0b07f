// What outlives a reload of this tab. `batch`: the items of the last click, see runs.js.
const key = (name) => `wordlight_${name}`;

export const readSession = (name) => JSON.parse(sessionStorage.getItem(key(name)) ?? "null");
export const writeSession = (name, value) => sessionStorage.setItem(key(name), JSON.stringify(value));
