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

/**
 * KEYS: bucket; ARGV: interval µs, burst, wanted tokens, tokens to put back. The arithmetic is that of `takeFrom`. Answers the tokens
 * that were granted, those that are left, and how many µs until the bucket is full, as text.
 */
export const TAKE_TOKENS = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = tonumber(ARGV[1])
local full = tonumber(redis.call('GET', KEYS[1]) or now) - ARGV[4] * interval
full = math.max(now, full)
local there = math.max(0, math.floor(ARGV[2] - (full - now) / interval + 0.000001))
local granted = math.min(tonumber(ARGV[3]), there)
full = full + granted * interval
if full > now then redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', string.format('%.0f', math.ceil((full - now) / 1000)))
else redis.call('DEL', KEYS[1]) end
return {granted, there - granted, string.format('%.0f', full - now)}`;

/**
 * KEYS: counters; ARGV: wanted units, units to put back, then the limit, the ms to keep and the seed ('' for none) of each. Answers the
 * units that were granted, those that are left and the place of the tightest counter; or -1 if a counter has neither value nor seed.
 */
export const TAKE_UNITS = `
local values = {}
local room = math.huge
local tightest = 0
for at, key in ipairs(KEYS) do
  local value = redis.call('GET', key) or ARGV[3 * at + 2]
  if value == '' then return {-1} end
  values[at] = tonumber(value) - ARGV[2]
  local own = math.max(0, ARGV[3 * at] - values[at])
  if own < room then room, tightest = own, at - 1 end
end
local granted = math.min(tonumber(ARGV[1]), room)
for at, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', values[at] + granted), 'PX', ARGV[3 * at + 1])
end
return {granted, room - granted, tightest}`;
