/** Texts, one after the other, as UTF-8 in pieces of about `size` bytes (larger only where a text alone is): each is made when the one before is taken. */
export function* utf8Pieces(texts: Iterable<string>, size: number): Generator<Uint8Array, undefined> {
  let ready: string[] = [];
  let length = 0;
  for (const text of texts) {
    const bytes = Buffer.byteLength(text);
    if (length + bytes > size && length > 0) {
      yield encoded(ready, length);
      ready = [];
      length = 0;
    }
    ready.push(text);
    length += bytes;
  }
  if (length > 0) yield encoded(ready, length);
}

/** To join the texts before would copy them once more. */
function encoded(texts: readonly string[], length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const text of texts) at += bytes.write(text, at);
  return bytes;
}
