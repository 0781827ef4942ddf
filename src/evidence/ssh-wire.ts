/** A string of the SSH wire format (RFC 4251): its length in four bytes, and its bytes. */
export function sshString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Reads the SSH wire format from its beginning. Each read gives null where too little is left. */
export interface SshReader {
  bytes(count: number): Buffer | null;
  uint32(): number | null;
  string(): Buffer | null;
  isAtEnd(): boolean;
}

/** A reader of these bytes. */
export function readSsh(content: Buffer): SshReader {
  let at = 0;
  const bytes = (count: number): Buffer | null => {
    if (at + count > content.length) return null;
    at += count;
    return content.subarray(at - count, at);
  };
  const uint32 = (): number | null => bytes(4)?.readUInt32BE() ?? null;
  return {
    bytes,
    uint32,
    string: () => {
      const length = uint32();
      return length === null ? null : bytes(length);
    },
    isAtEnd: () => at === content.length,
  };
}
