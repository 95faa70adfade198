import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const MB = 1024 * 1024;

/** What a process has used since it was started, as Linux says. */
export interface Usage {
  cpuMs: number;
  /** Bytes that it had the disk write. */
  writtenBytes: number;
  memoryMb: number;
  /** Most memory that it ever had. */
  peakMb: number;
}

const NOTHING: Usage = { cpuMs: 0, writtenBytes: 0, memoryMb: 0, peakMb: 0 };

/** Nothing for a process that is gone, or whose files are not ours to read. */
export function usageOf(pid: number): Usage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; utime and stime are the 12th and 13th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
      writtenBytes: numberIn(readFileSync(`/proc/${pid}/io`, 'utf8'), 'write_bytes'),
      memoryMb: (numberIn(status, 'VmRSS') * 1024) / MB,
      peakMb: (numberIn(status, 'VmHWM') * 1024) / MB,
    };
  } catch {
    return NOTHING;
  }
}

/** The same over several processes. */
export function usageOfAll(pids: readonly number[]): Usage {
  return pids.map(usageOf).reduce(
    (sum, one) => ({
      cpuMs: sum.cpuMs + one.cpuMs,
      writtenBytes: sum.writtenBytes + one.writtenBytes,
      memoryMb: sum.memoryMb + one.memoryMb,
      peakMb: sum.peakMb + one.peakMb,
    }),
    NOTHING,
  );
}

/** CPU time that all processes of the machine have used, in ms, the time that its host took away included. */
export function machineCpuMs(): number {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/ +/);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = ticks.map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_MS;
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
