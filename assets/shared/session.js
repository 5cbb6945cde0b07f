// What outlives a reload of this tab. `run`: the run at work {run, name}; `batch`: the items of the last batch.
const key = (name) => `wordlight_${name}`;

export const readSession = (name) => JSON.parse(sessionStorage.getItem(key(name)) ?? "null");
export const writeSession = (name, value) => sessionStorage.setItem(key(name), JSON.stringify(value));
export const clearSession = (name) => sessionStorage.removeItem(key(name));
