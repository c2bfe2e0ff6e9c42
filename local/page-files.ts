import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MANIFEST, type PageFiles, type PageManifest, pageFilesOf } from '../core/api/ui/page-files.ts';
import { assetPath } from './installed.ts';

/** Where the build puts the page (scripts/build-ui.mjs). */
const FOLDER = assetPath('ui');

/** The files of the page, read from disk. */
export function pageFiles(): PageFiles {
  const manifest = JSON.parse(readFileSync(path.join(FOLDER, MANIFEST), 'utf8')) as PageManifest;
  return pageFilesOf(manifest, (name) => readFileSync(path.join(FOLDER, name)));
}

/** Whether a Host header names this machine, on any port: one may be forwarded. What a page elsewhere has made to lead here has a name of its own (DNS rebinding). */
export const isOwnHost = (host: string): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host);
