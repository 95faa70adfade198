// A value is a lock (`L` and its owner) or an answer (`A` and the answer). Each script runs as one atomic step. Its text is sent with every
// call, so that a restarted or flushed server needs no preparation.

/** KEYS: entries; ARGV: owner and lock ms of each. Locks the entries that are empty. Answers the value of each before, '' for none. */
export const LOCK = `
local before = {}
for at, key in ipairs(KEYS) do
  local value = redis.call('GET', key)
  if not value then redis.call('SET', key, 'L' .. ARGV[2 * at - 1], 'PX', ARGV[2 * at]) end
  before[at] = value or ''
end
return before`;

/** KEYS: entry; ARGV: owner, answer, keep ms. Answers 1 if the owner still had the lock. */
export const SAVE_ANSWER = `
if redis.call('GET', KEYS[1]) ~= 'L' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], 'A' .. ARGV[2], 'PX', ARGV[3])
return 1`;

/** KEYS: entry; ARGV: owner. Answers 1 if the owner still had the lock. */
export const UNLOCK = `
if redis.call('GET', KEYS[1]) ~= 'L' .. ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1`;

/**
 * KEYS: bucket; ARGV: interval µs, count. Answers how many µs of reserved events are before the first new one, as text. It reads the
 * server's clock, so that processes whose clocks differ share one rate. `%.0f`: Lua would round the µs since 1970 to 14 digits.
 */
export const SLOTS = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local start = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local after = start + ARGV[1] * ARGV[2]
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', string.format('%.0f', math.ceil((after - now) / 1000)))
return string.format('%.0f', start - now)`;
