package backchannel

// Delay is how long to wait after a failure.
var Delay = delay
