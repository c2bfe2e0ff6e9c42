/** One file of the page, as it is sent. */
export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, compressed. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
  readonly etag: string;
  /** Its name has its hash in it: what it names never changes. */
  readonly isImmutable: boolean;
}

/** What the build of the page says of its files (scripts/build-ui.mjs). */
export interface PageManifest {
  readonly files: Readonly<Record<string, { readonly mediaType: string; readonly hash: string; readonly immutable: boolean }>>;
}

export type PageFiles = ReadonlyMap<string, PageFile>;

/** The files that the manifest names, and no other, by their paths below `/ui/`. `read` gives what the build has put under a name. */
export function pageFilesOf(manifest: PageManifest, read: (name: string) => Uint8Array<ArrayBuffer>): PageFiles {
  return new Map(
    Object.entries(manifest.files).map(([name, { mediaType, hash, immutable }]) => [
      name,
      { bytes: read(name), gzip: read(`${name}.gz`), mediaType, etag: `"${hash}"`, isImmutable: immutable },
    ]),
  );
}

/** The name of the manifest among the files of the build. */
export const MANIFEST = 'manifest.json';
