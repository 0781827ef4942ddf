const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const END = Buffer.from("IEND");

/** Whether these bytes are a whole PNG: a page of an error, or half a picture, is none. */
export function isPng(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The last chunk is its name and a checksum of four bytes.
  return buffer.subarray(0, 8).equals(SIGNATURE) && buffer.subarray(-8, -4).equals(END);
}
