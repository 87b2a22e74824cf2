// @ts-check
/** Every key and what it does, for the list that "?" shows. */

/** @type {Array<[string, Array<[string, string]>]>} */
export const KEYS = [
  ["Moving", [
    ["J", "Next ticket"], ["K", "Previous ticket"], ["Enter", "Open"], ["Esc", "Leave a field; back to the list"],
    [".", "Show what is new"], ["/", "Search"], ["]", "Show or hide the customer"], ["?", "This list"],
  ]],
  ["The ticket", [
    ["R", "Reply"], ["N", "Note"], ["Ctrl Enter", "Send"], ["E", "Resolve"], ["Shift E", "Reopen"], ["T", "Transfer"],
    ["A", "Assign to…"], ["Shift A", "Take it"], ["S", "Status"], ["P", "Priority"],
  ]],
  ["What rings", [
    ["F2", "Accept"], ["Shift F2", "Decline"], ["F6", "Go to what rings"], ["1 … 9", "How it ended, in wrap-up"], ["Q", "Your presence"],
  ]],
];
