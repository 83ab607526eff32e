package browser

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// versionOf reads the product's name and version from the file's version resource: on
// Windows, --version opens a browser window instead of saying anything.
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
	if _, err := query(info, `\`, unsafe.Pointer(&fixed)); err != nil {
		return "", err
	}
	ms, ls := fixed.FileVersionMS, fixed.FileVersionLS
	version := fmt.Sprintf("%d.%d.%d.%d", ms>>16, ms&0xffff, ls>>16, ls&0xffff)
	if name := productName(info); name != "" {
		version = name + " " + version
	}
	return version, nil
}

// productName is the product's name in a version resource, in the first language that it has;
// "" for none.
func productName(info []byte) string {
	var languages *[2]uint16 // a language and its code page
	size, err := query(info, `\VarFileInfo\Translation`, unsafe.Pointer(&languages))
	if err != nil || size < 4 {
		return ""
	}
	var name *uint16
	size, err = query(info, fmt.Sprintf(`\StringFileInfo\%04x%04x\ProductName`, languages[0], languages[1]), unsafe.Pointer(&name))
	if err != nil || size == 0 {
		return ""
	}
	return windows.UTF16PtrToString(name)
}

// query finds a part of a version resource, and tells its size.
func query(info []byte, part string, found unsafe.Pointer) (size uint32, err error) {
	err = windows.VerQueryValue(unsafe.Pointer(&info[0]), part, found, &size)
	return size, err
}
