/** A workbench for the length of one command. Rights are asked for when the kernel is first asked something. */
import { findLayout } from '../../session/layout.ts';
import { PrivilegedAccess } from '../../session/privileged/access.ts';
import { Workbench } from '../../session/workbench/workbench.ts';

export async function withWorkbench<T>(body: (workbench: Workbench) => Promise<T>): Promise<T> {
  const access = new PrivilegedAccess(findLayout());
  try {
    return await body(new Workbench(access));
  } finally {
    await access.close();
  }
}
