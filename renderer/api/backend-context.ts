/** The connected backend for components: `useApi().call('packets.rows', …)`, `useHost().openCapture()`. */
import { createContext, useContext } from 'react';
import type { HostApi, InspectorApi } from '../../electron/shared/api.ts';
import type { Backend } from './connect.ts';

export const BackendContext = createContext<Backend | null>(null);

export function useBackend(): Backend {
  const backend = useContext(BackendContext);
  if (!backend) throw new Error('useBackend outside of BackendContext');
  return backend;
}

export function useApi(): InspectorApi {
  return useBackend().api;
}

export function useHost(): HostApi {
  return useBackend().host;
}
