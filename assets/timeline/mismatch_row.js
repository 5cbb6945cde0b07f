import { clockSpan } from "../shared/clock.js";
import { make, makeButton } from "../shared/dom.js";

const SENSITIVITIES = ["high", "normal", "off"];
const TOLERANCE = 0.01; // seconds

// One place where speech and words disagree, with buttons to hear it and to transcribe it once more.
//
// mend  called with the segments that were found there, and the number of their words
export class MismatchRow {
  constructor({ store, server, player, i18n }, { mismatch, languages, mend }) {
    const { t, languageName } = i18n;
    Object.assign(this, { doc: store.doc, server, mismatch, mend, t, tenths: i18n.withDigits(1) });
    this.playButton = makeButton(t("audit_hear"), () => player.playFrom(mismatch.start));
    const spoken = this.doc.meta.transcript.language ?? "en";
    this.language = choice(t("audit_again_in"), [spoken, ...languages], languageName);
    const sensitivityName = (value) => t(`choice_vad_sensitivity_${value}`);
    this.sensitivity = choice(t("option_vad_sensitivity"), SENSITIVITIES, sensitivityName);
    this.again = makeButton(t("audit_again"), () => this.tryAgain());
    this.report = make("span", "wl-quiet");
    this.report.setAttribute("role", "status");
    this.node = make("li");
    this.node.append(this.title(), this.playButton, this.language, this.sensitivity, this.again, this.report);
  }

  title() {
    const { kind, start, end, heard } = this.mismatch;
    const isInside = (word) => word.start >= start - TOLERANCE && word.end <= end + TOLERANCE;
    const count = this.doc.words.filter(isInside).length;
    const what = this.t(`audit_${kind}`, { seconds: this.tenths(end - start), count });
    const title = make("span", "", `${clockSpan(start, end)} · ${what}`);
    if (heard) title.append(": ", make("bdi", "wl-heard", heard));
    return title;
  }

  async tryAgain() {
    const { start, end } = this.mismatch;
    this.again.disabled = true;
    this.report.textContent = this.t("audit_working");
    const asked = {
      token: this.doc.run, start, end, language: this.language.value, vad_sensitivity: this.sensitivity.value,
    };
    const { error, segments } = await this.server.ask("again", asked);
    this.again.disabled = false;
    if (this.doc.run !== asked.token) return;
    const words = segments?.reduce((sum, segment) => sum + segment.words.length, 0);
    this.report.textContent = error ?? (words ? "" : this.t("audit_nothing"));
    if (words) this.mend(segments, words);
  }
}

// Returns a list with the first value chosen. The others come once the reader looks for one: an hour may have
// many mismatches, and there are a hundred languages.
function choice(label, [first, ...others], nameOf) {
  const option = (value) => Object.assign(make("option", "", nameOf(value)), { value });
  const select = make("select");
  select.setAttribute("aria-label", label);
  select.append(option(first));
  const fill = () => select.append(...others.filter((value) => value !== first).map(option));
  select.addEventListener("focus", fill, { once: true });
  return select;
}
