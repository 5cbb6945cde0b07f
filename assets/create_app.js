// Wires the parts that views share. A view gets this object as its first argument.
import { fileAddress } from "./shared/address.js";
import { Autosave } from "./shared/autosave.js";
import { createBands } from "./shared/bands.js";
import { askForVersion } from "./shared/conflict_dialog.js";
import { DocumentStore } from "./shared/document_store.js";
import { Deletion } from "./shared/deletion.js";
import { createEvents } from "./shared/events.js";
import { Fillers } from "./shared/fillers.js";
import { createI18n } from "./shared/i18n.js";
import { KeptTranscripts } from "./shared/kept_transcripts.js";
import { createLeaving } from "./shared/leaving.js";
import { LeftPlaces } from "./shared/left_places.js";
import { OtherReaders } from "./shared/other_readers.js";
import { KeptSound } from "./live/kept_sound.js";
import { Recorder } from "./live/recorder.js";
import { Follow } from "./player/follow.js";
import { Player } from "./player/player.js";
import { RecentList } from "./recent/list.js";
import { Retiming } from "./retiming/retiming.js";
import { Runs } from "./shared/runs.js";
import { createReview } from "./shared/review.js";
import { createServer } from "./shared/server.js";
import { TextSize } from "./transcript/text_size.js";
import { TimeNudger } from "./transcript/time_nudger.js";
import { Unsent } from "./shared/unsent.js";
import { Translator } from "./translation/translator.js";
import { Vocabulary } from "./shared/vocabulary.js";
import { SpeakerBook } from "./speakers/book.js";
import { Autostart } from "./upload/autostart.js";
import { Restart } from "./upload/restart.js";

// constants  what Python and the scripts share: page/constants.py
export function createApp(constants) {
  const { language_tags: languageTags, language_names: knownNames } = constants;
  const i18n = createI18n({ ...readerSettings(), languageTags, knownNames });
  const events = createEvents();
  const store = new DocumentStore({ events, addressOf: fileAddress, rules: constants.paragraphs });
  const server = createServer(i18n, events);
  const selection = { active: -1 }; // the index of the word that the keyboard is on
  const retiming = new Retiming({ store, server, events, most: constants.retimed_words });
  const kept = new KeptTranscripts({ store, server, events });
  const bands = createBands(constants);
  const own = { events, storage: window.localStorage, user: window.gradio_config?.username ?? "" };
  const choose = (place) => askForVersion(i18n.t, place);
  const unsent = new Unsent({ ...own, choose });
  const autosave = new Autosave({ store, server, events, selection, choose, unsent });
  const others = new OtherReaders({ store, server, events, autosave });
  others.watch(window);
  const fillers = new Fillers({ ...own, hesitations: constants.hesitations });
  const speakers = new SpeakerBook({ store, events, i18n }); // before views, which read it on the same events
  const player = new Player({ events });
  const runs = new Runs({ store, server, events, i18n });
  const autostart = new Autostart({ ...own, runs });
  const live = new Recorder({ server, events, autostart, player, i18n, user: own.user, sound: new KeptSound() });
  return {
    constants,
    bands,
    i18n,
    events,
    store,
    server,
    autosave,
    others,
    places: new LeftPlaces({ ...own, store }),
    retiming,
    translator: new Translator({ store, server, events, most: constants.translated_seconds }),
    player,
    textSize: new TextSize({ ...own, style: document.documentElement.style }),
    nudger: new TimeNudger({ store, events, player }),
    follow: new Follow({ events }),
    speakers,
    fillers,
    review: createReview({ bands, speakers, fillers }),
    kept,
    runs,
    autostart,
    live,
    restart: new Restart({ events, runs, server, store, autosave }),
    recent: new RecentList(own),
    vocabulary: new Vocabulary(own),
    deletion: new Deletion({ store, server, autosave, kept, events, i18n }),
    mayLeave: createLeaving({ store, autosave, i18n }),
    subtitles: { limits: {} }, // as the reader has set them; without any, the engine's defaults hold
    selection,
  };
}

// Returns the page's sentences, and the language and the manner of pointing of its reader.
const readerSettings = () => ({
  translations: window.gradio_config?.i18n_translations ?? {},
  language: navigator.language,
  touch: window.matchMedia("(hover: none), (pointer: coarse)").matches,
});
