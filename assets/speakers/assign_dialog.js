// The dialog in which the reader says who speaks a word or a selection: the keys 1 to 9, for fingers.
import { openDialog } from "../shared/dialog.js";
import { make, makeButton } from "../shared/dom.js";

// give    called with the label of a speaker, null for a new one
// split   called if the rest of the turn has a new speaker
// closed  called once the dialog has been closed
export function openAssign({ speakers, i18n: { t } }, { text, give, split, closed }) {
  let dialog = null;
  const choose = (act) => () => {
    dialog.close();
    act();
  };
  const list = make("div", "wl-speaker-list");
  for (const speaker of speakers.list) {
    const button = makeButton("", choose(() => give(speaker.id)), "wl-button wl-speaker-choice");
    button.append(speakers.badge(speaker), make("bdi", "", speakers.nameOf(speaker)));
    list.append(button);
  }
  const more = make("div", "wl-dialog-row");
  more.append(
    makeButton(t("speaker_new"), choose(() => give(null))),
    makeButton(t("speaker_split"), choose(split)),
    makeButton(t("close"), () => dialog.close()),
  );
  const said = make("p", "wl-quiet wl-said", text);
  said.dir = "auto";
  dialog = openDialog([t("speaker_who")], [said, list, more], closed);
}
