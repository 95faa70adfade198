/**
 * Bytes that wait for those that follow them. Room is made by doubling, so that what comes byte by byte is copied a few times and not once for
 * each byte.
 */
export class ByteBuffer {
  private store: Buffer = Buffer.alloc(0);
  private from = 0;
  private to = 0;

  /** What was held, and these bytes behind it: a view that is good until the next call. */
  followedBy(bytes: Buffer): Buffer {
    if (this.from === this.to) {
      this.store = bytes;
      this.from = 0;
      this.to = bytes.length;
      return bytes;
    }
    const length = this.to - this.from + bytes.length;
    if (this.to + bytes.length > this.store.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      this.to = this.store.copy(larger, 0, this.from, this.to);
      this.store = larger;
      this.from = 0;
    }
    this.to += bytes.copy(this.store, this.to);
    return this.store.subarray(this.from, this.to);
  }

  /** Holds the last so many bytes of what `followedBy` gave. */
  hold(length: number): void {
    this.from = this.to - length;
  }
}
