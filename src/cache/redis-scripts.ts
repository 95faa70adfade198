// A value is a lock (`L` and its owner) or an answer (`A` and the answer). Each script is one atomic step on one key, and is
// sent as text every time: a restarted or flushed server then needs no preparation.

/** KEYS: entry; ARGV: owner, answer, keep ms. Answers 1 if the owner still had the lock. */
export const FINISH = `
if redis.call('GET', KEYS[1]) ~= 'L' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], 'A' .. ARGV[2], 'PX', ARGV[3])
return 1`;

/** KEYS: entry; ARGV: owner. Answers 1 if the owner still had the lock. */
export const FREE = `
if redis.call('GET', KEYS[1]) ~= 'L' .. ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1`;

/**
 * KEYS: bucket; ARGV: interval µs, count. Answers the µs worth of events ahead of the first one, as text. The time is the
 * server's, so that processes with differing clocks share one rate. `%.0f`: Lua would round µs of an epoch to 14 digits.
 */
export const SLOTS = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local start = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local after = start + ARGV[1] * ARGV[2]
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', string.format('%.0f', math.ceil((after - now) / 1000)))
return string.format('%.0f', start - now)`;
