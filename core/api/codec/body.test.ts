import { describe, expect, it } from 'vitest';
import type { StatusError } from '../../kube/status.ts';
import { decodeBody, encodeBody, encodeWatchEvent } from './body.ts';
import { encodeProtobuf } from './protobuf.ts';

const expected = { apiVersion: 'v1', kind: 'Pod' };
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };

function refuse(body: string | Uint8Array, contentType = 'application/json') {
  try {
    decodeBody({ contentType, bytes: Buffer.from(body), expected });
  } catch (error) {
    return (error as StatusError).status;
  }
  throw new Error('decoded');
}

describe('decodeBody', () => {
  it('reads JSON, YAML and protobuf', () => {
    expect(decodeBody({ bytes: Buffer.from(JSON.stringify(pod)) })).toEqual(pod);
    expect(decodeBody({ contentType: 'application/json; charset=utf-8', bytes: Buffer.from(JSON.stringify(pod)) })).toEqual(pod);
    expect(decodeBody({ contentType: 'application/yaml', bytes: Buffer.from('apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n') })).toEqual(pod);
    expect(decodeBody({ contentType: 'application/vnd.kubernetes.protobuf', bytes: encodeProtobuf(pod) })).toMatchObject(pod);
  });

  it('fills in the type that a body does not say', () => {
    expect(decodeBody({ bytes: Buffer.from('{"metadata":{}}'), expected })).toEqual({ ...expected, metadata: {} });
    expect(decodeBody({ bytes: Buffer.from('null'), expected })).toEqual(expected);
  });

  it('refuses what it cannot read, in the words of kube-apiserver', () => {
    expect(refuse('x')).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message:
        "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: invalid character 'x' looking for beginning of value (78)",
    });
    expect(refuse('').message).toBe(
      "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
    );
    expect(refuse('{"metadata":{"name":"a-long-enough-name"').message).toContain('unexpected end of JSON input ({"metadata":{"name":"a-long-en ...)');
    expect(refuse('[]').message).toContain('json: cannot unmarshal array into Go value of type struct { APIVersion string');
    expect(refuse('{"kind":1}').message).toContain('json: cannot unmarshal number into Go struct field .kind of type string');
    expect(refuse('a: [', 'application/yaml').message).toContain('yaml: ');
    expect(refuse('k8s', 'application/vnd.kubernetes.protobuf').message).toContain('provided data does not appear to be a protobuf message');
  });

  it('refuses other media types', () => {
    expect(refuse('', 'text/plain')).toMatchObject({
      code: 415,
      reason: 'UnsupportedMediaType',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    });
  });

  it('takes no byte order mark for JSON, and one for YAML', () => {
    expect(refuse('\ufeff{}').message).toContain("invalid character 'ï' looking for beginning of value");
    expect(decodeBody({ contentType: 'application/yaml', bytes: Buffer.from('\ufeffa: 1') })).toEqual({ a: 1 });
  });

  it('refuses YAML in the words of go-yaml', () => {
    expect(refuse('\ta: 1', 'application/yaml').message).toContain('yaml: found character that cannot start any token');
    expect(refuse('a:\n\tb: c', 'application/yaml').message).toContain('yaml: line 2: found character that cannot start any token');
  });

  it('tells of fields that stand twice, and takes the last', () => {
    const problems: string[] = [];
    const duplicate = (problem: string) => problems.push(problem);
    expect(decodeBody({ bytes: Buffer.from('{"kind":"Pod","apiVersion":"v1","spec":{"containers":[{"name":"a","name":"b"}]}}'), duplicate })).toMatchObject({
      spec: { containers: [{ name: 'b' }] },
    });
    decodeBody({ contentType: 'application/yaml', bytes: Buffer.from('kind: Pod\nspec:\n  a: 1\n  a: 2\n'), duplicate });
    expect(problems).toEqual(['duplicate field "spec.containers[0].name"', 'line 4: key "a" already set in map']);
  });

  it('bounds nesting and aliases', () => {
    expect(refuse(`${'['.repeat(5000)}${']'.repeat(5000)}`).message).toContain('exceeded max depth');
    expect(refuse('['.repeat(200_000)).message).toContain('unexpected end of JSON input');
    let bomb = 'a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n';
    for (let i = 1; i < 10; i++)
      bomb += `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(',')}]\n`;
    expect(refuse(bomb, 'application/yaml').message).toContain('yaml: document contains excessive aliasing');
  });
});

describe('encodeBody', () => {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

  it('writes JSON as a line, or indented for people', () => {
    expect(text(encodeBody({ a: 1 }, { mediaType: 'json', pretty: false }))).toBe('{"a":1}\n');
    expect(text(encodeBody({ a: 1 }, { mediaType: 'json', pretty: true }))).toBe('{\n  "a": 1\n}');
  });

  it('writes YAML and protobuf', () => {
    expect(text(encodeBody(pod, { mediaType: 'yaml', pretty: false }))).toBe('apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n');
    expect(encodeBody(pod, { mediaType: 'protobuf', pretty: false })).toEqual(encodeProtobuf(pod));
  });

  it('writes the events of a watch', () => {
    expect(text(encodeWatchEvent('ADDED', pod, { mediaType: 'json' }))).toBe(`{"type":"ADDED","object":${JSON.stringify(pod)}}\n`);
    expect(encodeWatchEvent('ADDED', pod, { mediaType: 'protobuf' }).length).toBe(4 + 7 + 4 + encodeProtobuf(pod).length);
  });
});
