// The recording on the lock screen, on headphones and on the keyboard's media keys, as the browser offers them.
import { LEAP } from "./player.js";

export function showOnLockScreen({ store: { doc }, player, events }) {
  const session = navigator.mediaSession;
  if (!session) return;
  const actions = {
    play: () => player.resume(),
    pause: () => player.pause(),
    seekbackward: () => player.step(-LEAP),
    seekforward: () => player.step(LEAP),
    seekto: ({ seekTime }) => player.seek(seekTime),
  };
  for (const [name, act] of Object.entries(actions)) handle(session, name, act);
  const name = () => {
    session.metadata = doc.name ? new MediaMetadata({ title: doc.name, artist: "Wordlight" }) : null;
  };
  for (const kind of ["opened", "finished", "renamed", "forgotten"]) events.on(kind, name);
  events.on("player", () => tell(session, player));
}

// An action that the browser does not know is left out.
function handle(session, name, act) {
  try {
    session.setActionHandler(name, act);
  } catch {
    return;
  }
}

function tell(session, player) {
  const { media } = player;
  const duration = media?.duration;
  session.playbackState = media ? (player.isPlaying() ? "playing" : "paused") : "none";
  if (!Number.isFinite(duration) || !session.setPositionState) return;
  session.setPositionState({ duration, playbackRate: player.speed, position: Math.min(duration, media.currentTime) });
}
