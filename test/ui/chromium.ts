import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const found = () => PATHS.find((path) => path !== undefined && existsSync(path));

/** Debian's Chromium, which is installed where that is possible. */
function install(): string | undefined {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return undefined;
  try {
    execFileSync('apt-get', ['update'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return found();
}

/** The path of a Chromium; undefined: there is none on this machine, and it cannot be installed. */
export const chromiumPath: string | undefined = found() ?? install();

/** A real browser. In a container, its own sandbox cannot be had. */
export const launch = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath!, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
