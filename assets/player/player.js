// Controls whichever media element plays the recording; without one, they do nothing.
export class Player {
  constructor() {
    this.media = null;
    this.span = null; // {media, watch} that plays to its end
  }

  // Takes a media element in place of the one before, which stops; null for none.
  use(media) {
    this.pause();
    this.media = media;
  }

  // A recording that cannot be played has said so already.
  play() {
    return this.media?.play().catch(() => {});
  }

  playFrom(time) {
    if (!this.media) return;
    this.media.currentTime = time;
    this.play();
  }

  // Plays from one time to another, in seconds.
  playSpan({ start, end }) {
    const { media } = this;
    if (!media) return;
    this.endSpan();
    const watch = () => media.currentTime >= end && this.endSpan();
    this.span = { media, watch };
    media.addEventListener("timeupdate", watch);
    this.playFrom(start);
  }

  isPlayingSpan() {
    return this.span !== null;
  }

  // Stops a span that is playing.
  endSpan() {
    const { span } = this;
    if (!span) return;
    this.span = null;
    span.media.removeEventListener("timeupdate", span.watch);
    span.media.pause();
  }

  // Goes to a time, playing or not.
  seek(time) {
    if (this.media) this.media.currentTime = time;
  }

  toggle() {
    if (this.media?.paused) this.play();
    else this.pause();
  }

  pause() {
    this.media?.pause();
  }

  // Returns seconds.
  position() {
    return this.media?.currentTime ?? 0;
  }
}
