import { expect, it } from 'vitest';
import { duplicateFields } from './duplicate-fields.ts';

const check = (text: string) => duplicateFields({ text, value: JSON.parse(text), definition: 'io.k8s.api.core.v1.Pod' });

it.each<[name: string, text: string, paths: string[]]>([
  ['nothing', '{"metadata":{"name":"a","labels":{"a":"\\"b\\":","c":"\\\\"}},"spec":{"containers":[{"name":"a"},{"name":"b"}]}}', []],
  ['a field at the top', '{"kind":"Pod","kind" : "Pod"}', ['kind']],
  ['a field of a struct in a list', '{"spec":{"containers":[{"name":"a"},{"name":"b","env":[],"name":"c"}]}}', ['spec.containers[1].name']],
  ['a key of a map', '{"metadata":{"labels":{"a":"1","b":"2","a":"3"}}}', ['metadata.labels.a']],
  ['a name written in two ways', '{"spec":{"nodeName":"a","node\\u004eame":"b"}}', ['spec.nodeName']],
  ['both levels', '{"spec":{"nodeName":"a","nodeName":"b"},"spec":{}}', ['spec.nodeName', 'spec']],
  ['once, however often it is repeated', '{"kind":"a","kind":"b","kind":"c"}', ['kind']],
  ['no unknown field, which is reported as unknown', '{"foo":1,"foo":2,"spec":{"bar":{"a":1,"a":2}}}', []],
  ['nothing in what is kept raw', '{"metadata":{"managedFields":[{"fieldsV1":{"a":1,"a":2}}]}}', []],
])('finds %s', (_, text, paths) => expect(check(text)).toEqual(paths.map((path) => `duplicate field "${path}"`)));
