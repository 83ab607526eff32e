package install

// ReplaceExtension lets tests make renames fail.
var ReplaceExtension = replaceExtension
