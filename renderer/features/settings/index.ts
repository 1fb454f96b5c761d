/** Settings of the window and what this kernel can do. */
export { SettingsButton } from './settings-button.tsx';
