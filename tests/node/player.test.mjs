// How fast recordings are played, where they go on after a pause, and whether the page follows the words.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Follow } from "../../assets/player/follow.js";
import { Player } from "../../assets/player/player.js";
import { nextSpeed, SPEEDS } from "../../assets/player/speed.js";
import { createEvents } from "../../assets/shared/events.js";

test("speeds go from a half to two in quarters, and no further", () => {
  assert.deepEqual(SPEEDS, [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]);
  assert.deepEqual([nextSpeed(1, 1), nextSpeed(2, 1), nextSpeed(0.5, -1)], [1.25, 2, 0.5]);
});

test("a reader who scrolls is not pulled back until a word is played, or follow is pressed", () => {
  const events = createEvents();
  const seen = [];
  const follow = new Follow({ events });
  events.on("follow", () => seen.push(follow.isOn()));
  follow.stray();
  follow.stray();
  follow.resume();
  follow.stray();
  follow.toggle();
  assert.deepEqual(seen, [false, true, false, true]);
  follow.toggle();
  follow.resume();
  assert.equal(follow.isOn(), false, "the reader wants none");
  follow.toggle();
  assert.equal(follow.isOn(), true);
});

// A media element as the player sees it, of which the test says how far it has played.
class Media extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { currentTime: 0, duration: 60, paused: true, ended: false });
  }

  async play() {
    this.paused = false;
  }

  pause() {
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }
}

function playing(time) {
  const [player, media] = [new Player({ events: createEvents() }), new Media()];
  player.use(media);
  player.playFrom(time);
  return { player, media };
}

test("after a pause it goes on a second before", () => {
  const { player, media } = playing(10);
  media.currentTime = 14;
  player.toggle();
  player.toggle();
  assert.deepEqual([media.currentTime, media.paused], [13, false]);
});

test("nothing is heard from before the place at which playing began, nor ever more by pausing again", () => {
  const { player, media } = playing(10);
  media.currentTime = 10.4;
  player.toggle();
  player.toggle();
  assert.equal(media.currentTime, 10);
  media.currentTime = 12;
  player.toggle();
  player.toggle();
  media.currentTime = 11.2;
  player.toggle();
  player.toggle();
  assert.equal(media.currentTime, 11, "where it went on last");
});

test("a place that the reader has gone to is heard from there", () => {
  const { player, media } = playing(10);
  for (const go of [() => player.seek(20), () => player.step(-3), () => (media.currentTime = 20)]) {
    media.currentTime = 14;
    player.pause();
    go();
    const place = media.currentTime;
    player.toggle();
    assert.equal(media.currentTime, place);
  }
  player.pause();
  player.playFrom(5);
  assert.equal(media.currentTime, 5);
});

test("at the end it is the browser that begins anew", () => {
  const { player, media } = playing(10);
  Object.assign(media, { currentTime: 60, ended: true });
  media.pause();
  player.toggle();
  assert.equal(media.currentTime, 60);
});

// Frames come when the test has one drawn.
function frames() {
  const waiting = [];
  globalThis.requestAnimationFrame = (act) => waiting.push(act);
  return () => waiting.splice(0).forEach((act) => act());
}

test("what is looped is played over and over at the reader's speed, until it is paused", () => {
  const draw = frames();
  const { player, media } = playing(0);
  player.setSpeed(0.75);
  player.loopSpan({ start: 5, end: 7 });
  for (const heard of [7.1, 7.05]) {
    media.currentTime = heard;
    draw();
    assert.deepEqual([media.currentTime, media.paused, media.playbackRate], [5, false, 0.75]);
  }
  Object.assign(media, { currentTime: 6.9, ended: true, paused: true }); // at the end of the recording
  draw();
  assert.deepEqual([media.currentTime, media.paused, player.isLooping()], [5, false, true]);
  media.ended = false;
  player.toggle();
  draw();
  assert.deepEqual([media.paused, player.isLooping()], [true, false]);
});

test("a loop ends if the reader goes elsewhere, or something else pauses the element", () => {
  const draw = frames();
  const { player, media } = playing(0);
  player.loopSpan({ start: 5, end: 7 });
  player.playFrom(30);
  media.currentTime = 40;
  draw();
  assert.deepEqual([media.currentTime, media.paused, player.isLooping()], [40, false, false]);
  player.loopSpan({ start: 5, end: 7 });
  media.pause();
  draw();
  assert.deepEqual([media.paused, player.isLooping()], [true, false]);
});
