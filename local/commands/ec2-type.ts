import { InvalidArgumentError } from 'commander';
import { instanceType } from '../../core/nodes/ec2/instance-type.ts';

/** An EC2 instance type that is known, as an option has it. */
export function ec2Type(name: string): string {
  if (!instanceType(name)) throw new InvalidArgumentError('There is no such EC2 instance type.');
  return name;
}
