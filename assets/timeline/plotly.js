import { fileAddress } from "../shared/address.js";
import { make } from "../shared/dom.js";

let loading = null;

// Returns plotly, which the browser fetches when the timeline is first looked at. plotly.js is no ES module:
// it makes a global `Plotly`.
export function loadPlotly(path) {
  loading ??= new Promise((loaded, failed) => {
    const script = make("script");
    script.src = fileAddress(path);
    script.addEventListener("load", () => loaded(window.Plotly));
    script.addEventListener("error", failed);
    document.head.append(script);
  });
  return loading;
}
