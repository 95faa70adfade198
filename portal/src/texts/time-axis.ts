const LANGUAGE = 'en';
const DAY_SECONDS = 86_400;

const minutes = new Intl.DateTimeFormat(LANGUAGE, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const days = new Intl.DateTimeFormat(LANGUAGE, { month: 'short', day: 'numeric' });

/** The words below a time axis, in the reader's zone: hours and minutes, and the day where one begins. All times in seconds. */
export function axisTimes(ticks: readonly number[], stepSeconds: number): string[] {
  return ticks.map((tick) => {
    const at = new Date(tick * 1000);
    const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
    return stepSeconds >= DAY_SECONDS || isMidnight ? days.format(at) : minutes.format(at);
  });
}
