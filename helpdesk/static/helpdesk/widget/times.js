// Times and waits as people say them.

/** "16:33" today, else "4 Aug". */
export function shortTime(iso, language) {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  const form = isToday ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language, form).format(at);
}

/** A wait in seconds as a range one can rely on; null when nothing is known. */
export function waitWords(seconds, words) {
  if (seconds === null) return null;
  if (seconds < 60) return words.waitSoon;
  const low = Math.max(1, Math.floor((seconds * 0.75) / 60));
  return words.waitMinutes(low, Math.max(low, Math.ceil((seconds * 1.3) / 60)));
}
