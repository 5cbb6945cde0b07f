// Controls whichever media element plays the recording; without one, they do nothing.
export class Player {
  constructor() {
    this.media = null;
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
