/** Times are milliseconds since 1970 in UTC, fractions allowed; durations in an API spec are nanoseconds, as Docker's are. */
const DAY_MS = 86_400_000;
export const NANOSECONDS_PER_MS = 1_000_000;

/** Go's zero time, which Docker prints where nothing was ever set. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** RFC 3339 with nanoseconds and without trailing zeros, as Go prints a time (`2026-11-21T09:00:00.5Z`). */
export function formatTime(timeMs: number): string {
  const day = Math.floor(timeMs / DAY_MS);
  const micros = Math.round((timeMs - day * DAY_MS) * 1000);
  const second = Math.floor(micros / 1_000_000);
  const fraction = String(micros % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const [year, month, date] = civil(day);
  const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60]
    .map(two)
    .join(':');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}T${clock}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** The inverse of {@link formatTime}, for any RFC 3339 time; `null` when it is none. */
export function parseTime(text: string): number | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (parts === null) return null;
  const [year, month, date, hour, minute, second] = parts.slice(1, 7).map(Number);
  const zone = parts[8] ?? 'Z';
  const offset =
    zone === 'Z'
      ? 0
      : Number(`${zone.slice(0, 1)}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  const minutes = (hour ?? 0) * 60 + (minute ?? 0) - offset;
  const days = daysFromCivil(year ?? 1970, month ?? 1, date ?? 1);
  return days * DAY_MS + minutes * 60_000 + (second ?? 0) * 1000 + Number(parts[7] ?? '0') * 1000;
}

const two = (value: number): string => String(value).padStart(2, '0');

// Days to and from the Gregorian calendar, counted in 400-year eras that begin on 1 March.
function civil(day: number): [number, number, number] {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const date = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date];
}

function daysFromCivil(year: number, month: number, date: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  );
}
