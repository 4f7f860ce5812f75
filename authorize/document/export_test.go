package document

// Remembered says how many documents are remembered.
func Remembered(d *Directory) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.known)
}
