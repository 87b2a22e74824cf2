// @ts-check
/** What the width of the window changes beyond the style sheet: where the offer docks, what is a drawer. */
import { signal } from "console/ui";

/** One pane at a time. */
export const isNarrow = watched("(max-width: 45rem)");
/** Whether the customer's panel is shown where there is room for it, or as a drawer where there is not. */
export const hasRoomForCustomer = watched("(min-width: 80.01rem)");
export const isCustomerHidden = signal(false);
export const isCustomerDrawn = signal(false);

/** Show or hide the customer's panel. */
export function toggleCustomer() {
  const panel = hasRoomForCustomer.value ? isCustomerHidden : isCustomerDrawn;
  panel.value = !panel.value;
}

/** @param {string} query */
function watched(query) {
  const media = matchMedia(query);
  const state = signal(media.matches);
  media.addEventListener("change", () => (state.value = media.matches));
  return state;
}
