/** Programs written here: assembly and C. */
import { readAssembly } from '../../packets/bpf/assembly-file.ts';
import { INSTRUCTION_BYTES } from '../../packets/bpf/ebpf-words.ts';
import type { CodeApiMethods, CompileResult } from '../../shared/workbench-api.ts';
import { Code } from './code.ts';
import { compile } from './code-compile.ts';
import type { Handlers } from './handlers.ts';
import type { Workbench } from './workbench.ts';

export function codeHandlers(workbench: Workbench): Handlers<CodeApiMethods> {
  const code = new Code(workbench);
  return {
    'code.assemble': ({ text }) => {
      const { code: bytes, errors } = readAssembly(text);
      const told = errors.map((each) => ({ ...each, severity: 'error' as const }));
      return { instructions: bytes.length / INSTRUCTION_BYTES, errors: told };
    },
    'code.loadAssembly': (params) => code.loadAssembly(params),
    'code.compile': async ({ text, name }): Promise<CompileResult> => {
      const result = await compile(text);
      if ('missing' in result) return { errors: [], missing: true };
      if (!('object' in result)) return { errors: result.errors };
      const { token } = await workbench.objects.open({ name, bytes: result.object });
      return { token, errors: result.errors };
    },
    'code.disassemble': async ({ id }) => ({ text: await code.text(id) }),
  };
}
