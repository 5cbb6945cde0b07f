// Controls whichever media element plays the recording; without one, they do nothing. Emits "player" when what the
// element does has changed.
import { readSpeed, writeSpeed } from "./speed.js";

export const LEAP = 3; // seconds that a press goes back or on
const REWIND = 1; // second that is heard again after a pause
const SAME_PLACE = 0.05; // seconds that a browser may tell otherwise

const NEWS = ["play", "pause", "ended", "timeupdate", "seeking", "seeked", "durationchange", "ratechange", "error"];

export class Player {
  constructor({ events }) {
    this.events = events;
    this.own = null; // the element of the recording
    this.guest = null; // the element of another view, while the reader looks at that
    this.hasMoved = false; // whether the reader has gone elsewhere in that
    this.span = null; // {media, start, end, loops} that is playing to its end, or over and over
    this.begun = 0; // seconds: where playing has begun
    this.paused = null; // {media, at} of the last pause, unless the reader has gone elsewhere since
    this.speed = readSpeed();
  }

  // The element that plays.
  get media() {
    return this.guest ?? this.own;
  }

  // Takes a media element in place of the one before, which stops; null for none.
  use(media) {
    this.span = this.paused = null;
    this.own?.pause();
    this.own = media;
    this.prepare(media);
    this.announce();
  }

  // Controls another element instead, until it is given back. Returns whether it did not before.
  borrow(media) {
    if (this.guest === media) return false;
    this.pause();
    Object.assign(this, { guest: media, hasMoved: false });
    this.prepare(media);
    this.announce();
    return true;
  }

  // Controls the recording's own element again, which goes on where the borrowed one has been played to.
  giveBack(media, { goesOn = true } = {}) {
    if (this.guest !== media) return;
    media.pause();
    this.guest = null;
    if (goesOn && this.own && (this.hasMoved || media.played.length)) this.own.currentTime = media.currentTime;
    this.announce();
  }

  prepare(media) {
    if (!media) return;
    media.defaultPlaybackRate = media.playbackRate = this.speed; // the default one survives another source
    for (const kind of NEWS) media.addEventListener(kind, this.tell);
    media.addEventListener("pause", this.notePause);
    media.addEventListener("seeking", this.noteBeginning);
  }

  // Whoever has paused it or gone elsewhere: the page, the lock screen, or the picture's own buttons.
  notePause = ({ target }) => {
    if (target === this.media) this.paused = { media: target, at: target.currentTime };
  };

  noteBeginning = ({ target }) => {
    if (target === this.media) this.begun = target.currentTime;
  };

  // One function for all elements: an element that is borrowed again does not get it twice.
  tell = ({ target }) => target === this.media && this.announce();

  announce() {
    this.events.emit("player");
  }

  // A recording that cannot be played has said so already.
  play() {
    this.begun = this.position();
    return this.media?.play().catch(() => {});
  }

  // Goes on after a pause, a little before it: the word at which the reader stopped is heard again, but nothing from
  // before the place at which playing had begun.
  resume() {
    const { media, paused } = this;
    if (!media) return;
    const isThere = paused?.media === media && Math.abs(media.currentTime - paused.at) < SAME_PLACE;
    if (isThere && !media.ended) media.currentTime = Math.max(Math.min(this.begun, paused.at), paused.at - REWIND);
    this.play();
  }

  playFrom(time) {
    if (!this.media) return;
    this.seek(time);
    this.play();
  }

  // Plays from one time to another, in seconds.
  playSpan(times) {
    this.beginSpan({ ...times, loops: false });
  }

  // Plays from one time to another over and over, until it is paused or the reader goes elsewhere.
  loopSpan(times) {
    this.beginSpan({ ...times, loops: true });
    this.announce();
  }

  // Each frame looks at the time, for the element itself tells it four times a second; in a tab that is out of sight
  // there are no frames.
  beginSpan({ start, end, loops }) {
    const { media } = this;
    if (!media) return;
    this.endSpan();
    this.playFrom(Math.max(0, start));
    const span = (this.span = { media, start: Math.max(0, start), end, loops });
    const isOver = () => {
      if (this.span === span) this.watch(span);
      return this.span !== span;
    };
    const eachFrame = () => isOver() || requestAnimationFrame(eachFrame);
    const atNews = () => isOver() && media.removeEventListener("timeupdate", atNews);
    media.addEventListener("timeupdate", atNews);
    eachFrame();
  }

  // Ends what is playing at its end, or begins it anew, unless something else has paused it.
  watch({ media, start, end, loops }) {
    const isAtEnd = media.currentTime >= end || media.ended;
    if (loops && media.paused && !media.ended) {
      this.pause();
      this.announce();
    } else if (!isAtEnd) return;
    else if (loops) {
      media.currentTime = start;
      this.play();
    } else this.endSpan();
  }

  isPlayingSpan() {
    return this.span !== null;
  }

  isLooping() {
    return this.span?.loops ?? false;
  }

  // Stops a span that is playing.
  endSpan() {
    const { span } = this;
    this.span = null;
    span?.media.pause();
  }

  // Goes to a time, playing or not.
  seek(time) {
    Object.assign(this, { span: null, paused: null, hasMoved: true, begun: time });
    if (this.media) this.media.currentTime = time;
  }

  // Goes so many seconds on, or back.
  step(seconds) {
    const { media } = this;
    if (!media) return;
    const end = Number.isFinite(media.duration) ? media.duration : Infinity;
    this.seek(Math.min(end, Math.max(0, media.currentTime + seconds)));
  }

  // Plays so many times as fast.
  setSpeed(speed) {
    this.speed = writeSpeed(speed);
    for (const media of [this.own, this.guest]) if (media) media.defaultPlaybackRate = media.playbackRate = this.speed;
    this.announce();
  }

  isPlaying() {
    return Boolean(this.media) && !this.media.paused && !this.media.ended;
  }

  // Whether there is something that can be played.
  isReady() {
    return Boolean(this.media) && !this.media.error;
  }

  toggle() {
    if (this.media?.paused) this.resume();
    else this.pause();
  }

  pause() {
    this.span = null;
    this.media?.pause();
  }

  // Returns seconds.
  position() {
    return this.media?.currentTime ?? 0;
  }
}
