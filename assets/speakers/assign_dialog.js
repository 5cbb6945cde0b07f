// The dialog in which the reader says who speaks a word or a selection: the keys 1 to 9, for fingers.
import { openDialog } from "../shared/dialog.js";
import { make, makeButton } from "../shared/dom.js";

// give    called with the label of a speaker, null for a new one, and whether the rest of the turn is theirs too
// closed  called once the dialog has been closed
export function openAssign({ speakers, i18n: { t } }, { text, give, closed }) {
  let dialog = null;
  const onward = Object.assign(make("input"), { type: "checkbox" });
  const choose = (id) => () => {
    dialog.close();
    give(id, onward.checked);
  };
  const list = make("div", "wl-speaker-list");
  for (const speaker of speakers.list) {
    const button = makeButton("", choose(speaker.id), "wl-button wl-speaker-choice");
    button.append(speakers.badge(speaker), make("bdi", "", speakers.nameOf(speaker)));
    list.append(button);
  }
  const more = make("div", "wl-dialog-row");
  more.append(
    makeButton(t("speaker_new"), choose(null)),
    makeButton(t("close"), () => dialog.close()),
  );
  const said = make("p", "wl-quiet wl-said", text);
  said.dir = "auto";
  const rest = make("label", "wl-onward");
  rest.append(onward, make("span", "", t("speaker_onward")));
  dialog = openDialog([t("speaker_who")], [said, rest, list, more], closed);
}
