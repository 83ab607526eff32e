package browser

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// versionOf reads the file's version resource: on Windows, --version opens a
// browser window instead of saying anything.
func versionOf(_ context.Context, path string) (string, error) {
	size, err := windows.GetFileVersionInfoSize(path, nil)
	if err != nil {
		return "", err
	}
	info := make([]byte, size)
	if err := windows.GetFileVersionInfo(path, 0, size, unsafe.Pointer(&info[0])); err != nil {
		return "", err
	}
	var fixed *windows.VS_FIXEDFILEINFO
	var length uint32
	if err := windows.VerQueryValue(unsafe.Pointer(&info[0]), `\`, unsafe.Pointer(&fixed), &length); err != nil {
		return "", err
	}
	ms, ls := fixed.FileVersionMS, fixed.FileVersionLS
	return fmt.Sprintf("%d.%d.%d.%d", ms>>16, ms&0xffff, ls>>16, ls&0xffff), nil
}
