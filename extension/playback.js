// @ts-check
// Makes the calls of a simulation, one after the other, until it is cancelled or
// recording is no longer allowed. Pure; loaded before recorder.js into the same world.

/**
 * @typedef {object} PlaybackOptions
 * @property {() => number} now milliseconds
 * @property {(ms: number, then: () => void) => void} later
 * @property {() => boolean} allowed whether a call may be recorded now
 * @property {(step: SimulationStep) => boolean} say tells the background; false when the connection is broken
 * @property {(args: string, missing: string) => {record: string | undefined, outcome: string, text: string}} call makes
 *   one call; see the order "simulate" in messages.js. record: the id of its record; text: what was thrown
 * @property {() => void} over is called when the simulation has ended
 */

/** @param {PlaybackOptions} options */
// eslint-disable-next-line no-unused-vars -- recorder.js uses it
function createPlayback(options) {
  'use strict';

  /** The simulation that runs. @type {{calls: SimulatedCall[], pause: number, until: number, index: number} | null} */
  let playing = null;

  /** @param {SimulationStep} said */
  const step = (said) => {
    // Stop if the connection is broken: nobody would know what was called.
    if (!options.say(said) || said.stage === 'ended' || said.stage === 'stopped') end();
  };

  const end = () => {
    if (playing === null) return;
    playing = null;
    options.over();
  };

  /** Makes the next call. */
  const next = () => {
    if (playing === null) return;
    const { calls, pause, until, index } = playing;
    const call = calls[index];
    if (call === undefined) step({ stage: 'ended', index });
    else if (!options.allowed()) step({ stage: 'stopped', index, why: 'paused' });
    else if (options.now() > until) step({ stage: 'stopped', index, why: 'late' });
    else {
      step({ stage: 'calling', index });
      if (playing === null) return;
      playing.index++;
      const missing = call.undefined.map((at) => at.slice(1).split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')));
      const { record, outcome, text } = options.call(JSON.stringify(call.args), JSON.stringify(missing));
      if (playing === null) return; // the connection broke meanwhile
      step({ stage: 'called', index, record, outcome, threw: text === '' ? undefined : text });
      options.later(pause, next);
    }
  };

  return {
    /** @param {BackgroundMessage & {type: 'simulate'}} order */
    begin({ calls, pause, until }) {
      if (playing !== null) return; // the background never starts a second one
      playing = { calls, pause, until, index: 0 };
      step({ stage: 'reached', index: 0 });
      next();
    },
    cancel() {
      if (playing !== null) step({ stage: 'stopped', index: playing.index, why: 'cancelled' });
    },
    /** The connection to the background is broken. */
    broke: end,
  };
}
