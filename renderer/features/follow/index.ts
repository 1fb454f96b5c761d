/** A stream that is followed, over whatever view is in front. */
export { FollowDialog } from './follow-dialog.tsx';
