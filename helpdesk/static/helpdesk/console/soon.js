// @ts-check
// Hints come in bursts; what they ask for is done once per pause, and never twice at the same time.

const running = new Map();

/** Do `work` within `pause` ms, however often asked meanwhile; a request during the work makes it run once more. */
export function soon(key, pause, work) {
  const job = running.get(key);
  if (job) {
    job.again = true;
    job.work = work;
    return;
  }
  const mine = { again: false, work };
  running.set(key, mine);
  const wait = Math.max(0, pause - (Date.now() - (last.get(key) ?? 0)));
  setTimeout(() => perform(key, pause, mine), wait);
}

const last = new Map();

async function perform(key, pause, job) {
  job.again = false;
  last.set(key, Date.now());
  try {
    await job.work();
  } catch {
    // What failed to load says so where it is shown; the next hint or beat asks again.
  }
  running.delete(key);
  if (job.again) soon(key, pause, job.work);
}
