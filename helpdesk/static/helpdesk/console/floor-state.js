// @ts-check
/** Every queue and every agent, for supervisors. */
import { get } from "console/api";
import { serverSays } from "console/clock";
import { paced } from "console/paced";
import { route } from "console/route";
import { effect, signal } from "console/ui";

export const floor = signal(/** @type {any} */ (null));
export const floorFailure = signal("");

export const refreshFloor = paced(async () => {
  if (route.value.view !== "floor") return;
  try {
    const answer = await get("floor/");
    serverSays(answer.now);
    floor.value = answer;
    floorFailure.value = "";
  } catch (/** @type {any} */ problem) {
    floorFailure.value = problem.message;
    throw problem;
  }
}, 1000);

effect(() => {
  if (route.value.view === "floor") refreshFloor();
});
