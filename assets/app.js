// The entry: gradio calls `show` for each component that has a view of ours (page/components.py).
import { show as showBatch } from "./batch.js";
import { show as showCaptions } from "./captions.js";
import { createApp } from "./create_app.js";
import { show as showDock } from "./dock/view.js";
import { show as showDownloads } from "./downloads/view.js";
import { show as showExample } from "./example.js";
import { asItSettles, closeAbandonedLists, translateParts, typeOverChoices } from "./shared/gradio_parts.js";
import { guardStarts, guardUnload } from "./shared/leaving.js";
import { openAtPlace } from "./shared/opening_place.js";
import { offerLanguages } from "./shared/page_language.js";
import { showOnLockScreen } from "./player/lock_screen.js";
import { addSkipLink } from "./shared/skip_link.js";
import { registerWorker } from "./shared/worker_registration.js";
import { showInTitle } from "./shared/tab_title.js";
import { show as showModelStatus } from "./model_status.js";
import { show as showPlayer } from "./player/view.js";
import { show as showRecent } from "./recent/view.js";
import { show as showRunStatus } from "./run_status.js";
import { show as showSummary } from "./summary.js";
import { show as showTimeline } from "./timeline/view.js";
import { show as showFold } from "./form_fold.js";
import { show as showVocabulary } from "./vocabulary.js";
import { show as showTranscript } from "./transcript/view.js";
import { show as showLeft } from "./live/left_view.js";
import { show as showLive } from "./live/view.js";
import { show as showSpoken } from "./live/words_view.js";
import { listenToDrops } from "./upload/drop.js";
import { holdFocus } from "./upload/held_focus.js";
import { takeFromOutside } from "./upload/outside.js";
import { emphasiseStart } from "./upload/start_emphasis.js";
import { show as showAutostart } from "./upload/view.js";
import { show as showWordTable } from "./word_table/view.js";

// By the name that a component's class has in Python; it is also the class of the view's element, wl-<name>.
const VIEWS = {
  autostart: showAutostart,
  captions: showCaptions,
  dock: showDock,
  downloads: showDownloads,
  example: showExample,
  fold: showFold,
  left: showLeft,
  live: showLive,
  player: showPlayer,
  queue: showBatch,
  ready: showModelStatus,
  recent: showRecent,
  spoken: showSpoken,
  status: showRunStatus,
  summary: showSummary,
  timeline: showTimeline,
  transcript: showTranscript,
  vocabulary: showVocabulary,
  words: showWordTable,
};

// given      what gradio hands to `js_on_load`: {element, trigger, props, server, upload, watch}
// constants  see create_app.js
export function show(name, given, constants) {
  window.wordlight ??= start(constants); // the one global: events of gradio's own parts reach the page by it (app.py)
  VIEWS[name](window.wordlight, given);
}

function start(constants) {
  const app = createApp(constants);
  translateParts(app);
  asItSettles(() => offerLanguages(app));
  closeAbandonedLists();
  typeOverChoices();
  guardStarts(app);
  listenToDrops(app);
  holdFocus(app);
  takeFromOutside(app);
  guardUnload(app);
  showInTitle(app);
  addSkipLink(app);
  openAtPlace(app);
  showOnLockScreen(app);
  emphasiseStart(app);
  registerWorker();
  return app;
}
