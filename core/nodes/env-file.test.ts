import { describe, expect, it } from 'vitest';
import { boundPod, line, running } from '../testing/node-agents.ts';
import { valueInFile } from './env-file.ts';

describe('a file of variables', () => {
  it.each([
    ["A='1'\nB='2'\n", '2'],
    ["# note\n\n  B='x y' # more", 'x y'],
    ["B='one\ntwo'", 'one\ntwo'],
    ["B= 'x'", ''],
    ["A='1'", ''],
    ['', ''],
    ["B='$HOME'", '$HOME'],
    ["B='1'\nbroken", '1'],
    ["broken\nB='1'", undefined],
    ['B=1', undefined],
    ["B ='1'", undefined],
    ["B='1", undefined],
    ["B='1' x", undefined],
    ["='1'", undefined],
  ])('%j', (text, want) => {
    expect(valueInFile(text, 'B')).toBe(want);
  });
});

describe('a variable from a file', () => {
  const pod = (written: string, { optional, key = 'B' }: { optional?: boolean; key?: string } = {}) => {
    const bound = boundPod({ restartPolicy: 'Never' });
    const fileKeyRef = { volumeName: 'd', path: 'vars.env', key, ...(optional !== undefined && { optional }) };
    return {
      ...bound,
      spec: {
        ...bound.spec!,
        volumes: [{ name: 'd', emptyDir: {} }],
        initContainers: [{ name: 'setup', image: 'busybox', command: ['sh', '-c', written], volumeMounts: [{ name: 'd', mountPath: '/d' }] }],
        containers: [
          { name: 'main', image: 'busybox', command: ['sh', '-c', '[ -n "$B" ] || exit 9; exit $B'], env: [{ name: 'B', valueFrom: { fileKeyRef } }] },
        ],
      },
    };
  };
  const statusOf = async (...of: Parameters<typeof pod>) => (await running([pod(...of)], { seconds: 5 })).pod('web')!.status!;

  it('is what an init container has written', async () => {
    expect(line(await statusOf(`echo "B='7'" > /d/vars.env`))).toBe('Failed setup=Completed(0)+ready main=Error(7)');
  });

  it('keeps the container from starting when it is not there', async () => {
    const missing = await statusOf(`echo "A='7'" > /d/vars.env`);
    expect(missing.containerStatuses![0]!.state!.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: `environment variable key "B" not found in file "/var/lib/kubelet/pods/${(await running([pod('true')])).pod('web')!.metadata.uid}/volumes/kubernetes.io~empty-dir/d/vars.env"`,
    });
    for (const written of ['true', 'echo B=7 > /d/vars.env']) {
      expect((await statusOf(written)).containerStatuses![0]!.state!.waiting!.message).toBe("couldn't parse env file");
    }
  });

  it('is left out when it is optional', async () => {
    expect(line(await statusOf(`echo "A='7'" > /d/vars.env`, { optional: true }))).toBe('Failed setup=Completed(0)+ready main=Error(9)');
  });
});
