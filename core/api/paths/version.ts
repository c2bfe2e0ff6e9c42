import { release } from '../../schema/release.ts';

const { major, minor, version } = release;

/** What `GET /version` answers. Clients compare `gitVersion` as a semantic version, and `major` and `minor` with their own. */
export const versionInfo = {
  major: `${major}`,
  minor: `${minor}`,
  emulationMajor: `${major}`,
  emulationMinor: `${minor}`,
  minCompatibilityMajor: `${major}`,
  minCompatibilityMinor: `${minor - 1}`,
  gitVersion: `${version}+logplane`,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'node',
  platform: 'any',
} as const;
