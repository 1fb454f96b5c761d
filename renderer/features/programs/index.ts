/** Programs of the kernel, read: list, detail, code, calls, links, and what is attached to each interface. */
export { ProgramsView } from './programs-view.tsx';
