// @ts-check
/** Many requests for the same refetch become few: the first runs soon, those during it become one more after it. */

/**
 * @param {() => Promise<any>} run @param {number} pause least milliseconds between two starts
 * @returns {() => void} asks for a run
 */
export function paced(run, pause) {
  let timer = 0;
  let isRunning = false;
  let isAskedAgain = false;
  let last = 0;

  async function fire() {
    timer = 0;
    isRunning = true;
    isAskedAgain = false;
    last = Date.now();
    await run().catch(() => null); // what failed is asked again by the next hint, beat or reconnection
    isRunning = false;
    if (isAskedAgain) ask();
  }

  function ask() {
    if (isRunning) isAskedAgain = true;
    else if (!timer) timer = setTimeout(fire, Math.max(0, last + pause - Date.now()));
  }

  return ask;
}
