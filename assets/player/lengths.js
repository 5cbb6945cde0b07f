// Whether a browser's idea of a recording's length shows that it will not find the transcript's times in it.

const SLACK = 1; // second; whole packets and pictures may be counted

// transcript  seconds; 0 if they are not known
// player      seconds; NaN until they are known, Infinity if the file does not tell
// isVideo     a picture may outlast its sound; it is worth more than a copy of the sound
export function isOffFrom(transcript, player, isVideo) {
  if (!transcript || Number.isNaN(player)) return false;
  const longer = player - transcript;
  return longer < -SLACK || (longer > SLACK && (!isVideo || player === Infinity));
}
