/**
 * Keeps bytes that cannot be parsed until more bytes arrive. Its memory grows by doubling, so that bytes that arrive one by one are copied
 * only a few times.
 */
export class ByteBuffer {
  private memory: Buffer = Buffer.alloc(0);
  private start = 0;
  private end = 0;

  /** The kept bytes, followed by `bytes`. All of it is kept until `keepLast` is called. The result is valid until the next `append`. */
  append(bytes: Buffer): Buffer {
    if (this.start === this.end) {
      this.memory = bytes;
      this.start = 0;
      this.end = bytes.length;
      return bytes;
    }
    const length = this.end - this.start + bytes.length;
    if (this.end + bytes.length > this.memory.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      this.end = this.memory.copy(larger, 0, this.start, this.end);
      this.memory = larger;
      this.start = 0;
    }
    this.end += bytes.copy(this.memory, this.end);
    return this.memory.subarray(this.start, this.end);
  }

  /** Keeps the last `length` bytes of what `append` returned. */
  keepLast(length: number): void {
    this.start = this.end - length;
  }
}
