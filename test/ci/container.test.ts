import { readFileSync } from 'node:fs';
import path from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

describe('the image', () => {
  const dockerfile = read('Dockerfile');

  it('is a Dockerfile without faults', () => {
    expect(validate(dockerfile)).toEqual([]);
  });

  it('runs what the build makes, as a user without rights, and keeps its data in a volume', () => {
    const last = dockerfile.split(/^FROM .*$/m).at(-1)!;
    expect(last).toContain('COPY --from=build /src/dist/logplane /opt/logplane');
    expect(last.indexOf('USER node')).toBeLessThan(last.indexOf('ENTRYPOINT'));
    const json = (instruction: string) => JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(last)![1]!) as string[];
    expect(json('ENTRYPOINT')).toEqual(['node', '/opt/logplane/cli.mjs']);
    expect(json('CMD')).toEqual(['up', '--data', '/data', '--address', '0.0.0.0']);
    expect(last).toContain('VOLUME /data');
  });

  it('is published by compose on this machine alone', () => {
    const { services, volumes } = parse(read('compose.yaml')) as { services: Record<string, { ports: string[]; volumes: string[] }>; volumes: object };
    const { ports, volumes: mounted } = services['logplane']!;
    expect([ports, mounted, Object.keys(volumes)]).toEqual([['127.0.0.1:7443:7443'], ['logplane:/data'], ['logplane']]);
  });
});

it('the devcontainer has what the README asks for', () => {
  const { image, postCreateCommand, containerEnv } = JSON.parse(read('.devcontainer/devcontainer.json'));
  expect([image, postCreateCommand]).toEqual([expect.stringMatching(/typescript-node:24$/), 'npm ci']);
  expect(containerEnv.KUBECONFIG).toMatch(/\/\.logplane\/kubeconfig$/);
});
