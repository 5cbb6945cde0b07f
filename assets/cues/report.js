// What the rules for subtitles find, each a button that goes to its subtitle.
import { clock } from "../shared/clock.js";
import { make, makeButton } from "../shared/dom.js";

const MOST = 200; // findings that are listed
const DIGITS = { too_short: 2, too_long: 1, too_fast: 1, overlap: 2, gap_too_short: 3, gap_open: 2 };

export class LintReport {
  // jump  called with the place of a subtitle
  constructor({ i18n }, { jump }) {
    Object.assign(this, { t: i18n.t, withDigits: i18n.withDigits, jump });
    this.node = make("details", "wl-lint");
    this.summary = make("summary");
    this.list = make("ul");
    this.node.append(this.summary, this.list);
  }

  show({ issues }) {
    const [faults, rest] = [issues.filter((issue) => !isNote(issue)), issues.filter(isNote)];
    const stuck = rest.filter(({ advice }) => !advice);
    this.summary.textContent =
      [this.counted("lint_found", faults), this.counted("lint_stuck", stuck)].filter(Boolean).join(" · ") ||
      this.t("lint_none");
    this.list.replaceChildren(...[...faults, ...rest].slice(0, MOST).map((issue) => this.item(issue)));
    this.node.hidden = false;
  }

  counted(key, { length }) {
    return length ? this.t(key, { count: length }) : "";
  }

  item(issue) {
    const label = `${clock(issue.start)} · ${this.sentence(issue)}`;
    const button = makeButton(label, () => this.jump(issue.cue - 1), "wl-lint-go");
    const item = make("li", isNote(issue) ? "wl-is-note" : "");
    item.append(button);
    return item;
  }

  sentence({ rule, value, limit, has_room: hasRoom }) {
    const write = (number) => this.withDigits(DIGITS[rule] ?? 0)(number ?? 0);
    const said = this.t(`lint_${rule}`, { value: write(value), limit: write(limit) });
    return hasRoom ? said : `${said} · ${this.t("lint_no_room")}`;
  }
}

// A matter of taste, or something that no time is left for.
const isNote = ({ advice, has_room: hasRoom }) => advice || !hasRoom;
